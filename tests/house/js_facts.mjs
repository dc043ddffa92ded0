// Prints what the rules ask about browser modules, as JSON: {file: {functions: [{name, line, lines, why}], texts: [key]}}.
// Usage: node js_facts.mjs FILE…
import { readFileSync } from 'node:fs';
import { parse } from 'acorn';

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Every node with the ways by which it is reached: `visit(node, parent)`. */
function walk(node, visit, parent = null) {
  if (Array.isArray(node)) {
    node.forEach((child) => walk(child, visit, parent));
  } else if (node && typeof node.type === 'string') {
    visit(node, parent);
    for (const child of Object.values(node)) {
      if (child && typeof child === 'object') walk(child, visit, node);
    }
  }
}

function nameOf(node, parent) {
  const named = node.id ?? parent?.id ?? parent?.key ?? parent?.left;
  return named?.name ?? named?.property?.name ?? '(anonymous)';
}

/** The key of `t('some.key', …)`, where it is written out. */
function textKey(node) {
  const called = node.type === 'CallExpression' && (node.callee.property?.name ?? node.callee.name);
  const first = node.arguments?.[0];
  return called === 't' && first?.type === 'Literal' && typeof first.value === 'string' ? first.value : null;
}

/** Whether a function has a name of its own inside another: declared, or held by a constant or a property. */
function isHeld(node, parent) {
  return node.type === 'FunctionDeclaration' || ['VariableDeclarator', 'Property'].includes(parent?.type);
}

/** How many lines of code are a function's own: those of the functions that it holds are theirs. */
function ownLines(outer, source) {
  const own = new Set();
  for (let line = outer.loc.start.line; line <= outer.loc.end.line; line += 1) {
    if (source[line - 1].trim()) own.add(line);
  }
  walk(outer.body, (node, parent) => {
    if (!FUNCTIONS.has(node.type) || !isHeld(node, parent)) return;
    for (let line = node.loc.start.line; line <= node.loc.end.line; line += 1) own.delete(line);
  }, outer);
  return own.size;
}

function facts(file) {
  const comments = [];
  const source = readFileSync(file, 'utf8');
  const tree = parse(source, {
    ecmaVersion: 'latest', sourceType: 'module', locations: true, allowHashBang: true, onComment: comments,
  });
  const functions = [];
  const texts = [];
  walk(tree.body, (node, parent) => {
    const { start } = node.loc;
    if (FUNCTIONS.has(node.type)) {
      const before = comments.find((c) => [start.line, start.line - 1].includes(c.loc.end.line));
      const lines = ownLines(node, source.split('\n'));
      functions.push({ name: nameOf(node, parent), line: start.line, lines, why: before?.value ?? '' });
    }
    const key = textKey(node);
    if (key !== null) texts.push(key);
  });
  return { functions, texts };
}

console.log(JSON.stringify(Object.fromEntries(process.argv.slice(2).map((file) => [file, facts(file)]))));
