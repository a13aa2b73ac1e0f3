import type { Page } from 'playwright-core';

/** Texts whose contrast with what lies behind is below 4.5 (WCAG AA). */
export async function unreadable(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
    const light = ([r, g, b]) => {
      const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const behind = (node) => {
      for (let at = node; at !== null; at = at.parentElement) {
        const colour = rgb(getComputedStyle(at).backgroundColor);
        if (colour.length === 3 || colour[3] === 1) return colour;
      }
      return [255, 255, 255];
    };
    return [...document.querySelectorAll('#app *')]
      .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim() !== ''))
      .map((node) => {
        const [a, b] = [light(rgb(getComputedStyle(node).color)), light(behind(node))];
        return { text: node.textContent.slice(0, 40), ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) };
      })
      .filter(({ ratio }) => ratio < 4.5)
      .map(({ text, ratio }) => text + ' ' + ratio.toFixed(2));
  })()`);
}

/** What a screen reader could not name: controls, links, landmarks, tables, and headings out of order. */
export async function unnamed(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const named = (node) =>
      (node.getAttribute('aria-label') ?? '') !== '' || node.textContent.trim() !== '' ||
      document.getElementById(node.getAttribute('aria-labelledby') ?? '') !== null || (node.labels?.length ?? 0) > 0;
    const bad = [...document.querySelectorAll('a, button, input, nav, [role=application], table, progress')]
      .filter((node) => !named(node))
      .map((node) => node.outerHTML.slice(0, 80));
    const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
    if (new Set(ids).size !== ids.length) bad.push('an id twice');
    if (document.querySelectorAll('main').length !== 1) bad.push('not one main');
    if (document.querySelectorAll('h1').length !== 1) bad.push('not one h1');
    if (document.documentElement.lang === '') bad.push('no language');
    return bad;
  })()`);
}
