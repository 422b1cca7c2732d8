import { parseSync } from 'oxc-parser';

export type SourceFile = { readonly path: string; readonly source: string };

/**
 * Every module that a file refers to, in order and once each: imports, `import type`, `import('…').T` in a type, re-exports, dynamic imports of a
 * literal, and `new URL('./x.ts', import.meta.url)`, which names the entry of a child process.
 */
export const readImports = (file: SourceFile): string[] => {
  const { program, errors } = parseSync(file.path, file.source);
  if (errors[0]) throw new Error(`${file.path} does not parse: ${errors[0].message}`);
  const found = new Set<string>();
  visit(program, (node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) found.add(specifier);
  });
  return [...found];
};

type Node = { readonly type: string } & Record<string, unknown>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

const visit = (value: unknown, look: (node: Node) => void): void => {
  if (Array.isArray(value)) for (const item of value) visit(item, look);
  else if (isNode(value)) {
    look(value);
    for (const child of Object.values(value)) visit(child, look);
  }
};

const literal = (value: unknown): string | undefined => (isNode(value) && typeof value['value'] === 'string' ? value['value'] : undefined);

const specifierOf = (node: Node): string | undefined => {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return literal(node['source']);
    case 'TSExternalModuleReference':
      return literal(node['expression']);
    case 'NewExpression':
      return relativeUrl(node);
    default:
      return undefined;
  }
};

const relativeUrl = (node: Node): string | undefined => {
  const callee = node['callee'];
  const [first, base] = Array.isArray(node['arguments']) ? (node['arguments'] as unknown[]) : [];
  if (!isNode(callee) || callee['name'] !== 'URL' || !isNode(base)) return undefined;
  const path = literal(first);
  return path !== undefined && /^\.{1,2}\/.*\.m?[jt]s$/.test(path) ? path : undefined;
};
