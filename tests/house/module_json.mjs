// Prints the default export of a browser module as JSON. Usage: node module_json.mjs FILE
import { pathToFileURL } from 'node:url';

const module = await import(pathToFileURL(process.argv[2]));
console.log(JSON.stringify(module.default));
