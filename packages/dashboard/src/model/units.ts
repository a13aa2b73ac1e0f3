/** `12.3 GB` of `12.3 G`, `41 %` of `41`; what is no number stays as it is. */
export function withUnit(text: string, unit: string): string {
  if (unit === '' || !/\d/.test(text)) return text;
  return / [TGM]$/.test(text) ? text + unit : `${text} ${unit}`;
}
