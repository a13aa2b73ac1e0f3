import ts from 'typescript';
import { isTest, type RepositoryFile } from './repository.js';

export interface FunctionSize {
  readonly name: string;
  readonly lines: number;
}

export function parse({ path, text }: RepositoryFile): ts.SourceFile {
  const kind = path.endsWith('x')
    ? ts.ScriptKind.TSX
    : path.endsWith('.js')
      ? ts.ScriptKind.JS
      : ts.ScriptKind.TS;
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
}

export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

/** Every function with a body; one that only lines up tests is a heading over them and not counted. */
export function functionSizes(file: RepositoryFile): FunctionSize[] {
  const source = parse(file);
  const sizes: FunctionSize[] = [];
  visit(source, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
    if (isTest(file.path) && linesUpTests(node.body)) return;
    const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
    const last = source.getLineAndCharacterOfPosition(node.getEnd()).line;
    sizes.push({ name: nameOf(node), lines: last - first + 1 });
  });
  return sizes;
}

function linesUpTests(body: ts.Node): boolean {
  return (
    ts.isBlock(body) &&
    body.statements.some(
      (one) =>
        ts.isExpressionStatement(one) &&
        /^(describe|it|test)\b/.test(one.getText()) &&
        one.getText().endsWith(');'),
    )
  );
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  const parent = node.parent;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText();
  if (ts.isCallExpression(parent)) {
    const title = parent.arguments[0];
    const what = title !== undefined && ts.isStringLiteralLike(title) ? `(${title.text})` : '';
    return `callback of ${parent.expression.getText().split('\n')[0]}${what}`;
  }
  return 'unnamed';
}
