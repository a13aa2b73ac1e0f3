import { has, keyword, keywords, list, type SyntaxNode } from './syntax.js';

/** A key of ORDER BY: NULL is the smallest value, whichever the direction, unless NULLS FIRST or LAST is said. */
export function orderBySql(key: string, item: SyntaxNode): string {
  const descending = has(item, 'order') && keyword(item.children.order!.Node!) === 'DESC';
  const said = keywords(list(item, 'null_order'));
  const nulls = said !== '' ? said : descending ? 'NULLS LAST' : 'NULLS FIRST';
  return `${key} ${descending ? 'DESC' : 'ASC'} ${nulls}`;
}
