// Reads QR codes with jsQR, which knows nothing of how we drew them.
// Standard input: JSON list of {width, height, grey: base64 of one byte a dot}; output: JSON list of texts or null.
const jsQR = require('jsqr');

let input = '';
process.stdin.on('data', chunk => { input += chunk; });
process.stdin.on('end', () => {
  const texts = JSON.parse(input).map(({ width, height, grey }) => {
    const dots = Buffer.from(grey, 'base64');
    const rgba = new Uint8ClampedArray(width * height * 4);
    for (let i = 0; i < dots.length; i++) rgba.set([dots[i], dots[i], dots[i], 255], i * 4);
    const found = jsQR(rgba, width, height);
    return found ? found.data : null;
  });
  process.stdout.write(JSON.stringify(texts));
});
