/** Lets Node find `vez/…` as the pages' import map does. Import this first, then import() the module under test. */
import { register } from 'node:module';

const shared = new URL('../../../server/static/shared/', import.meta.url).href;
const hook = `export function resolve(name, context, next) {
  return next(name.startsWith('vez/') ? '${shared}' + name.slice(4) : name, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
