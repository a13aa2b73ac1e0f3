import { expect, it } from 'vitest';
import { launchChromium, newContext } from './support/chromium.js';

it('the Chromium inside the npm package runs a page and takes its picture', async () => {
  const browser = await launchChromium();
  try {
    const page = await (await newContext(browser)).newPage();
    await page.setContent('<button onclick="this.textContent = navigator.language">press</button>');
    await page.click('button');
    expect(await page.textContent('button')).toBe('en-US');
    expect((await page.screenshot()).subarray(1, 4).toString()).toBe('PNG');
  } finally {
    await browser.close();
  }
});
