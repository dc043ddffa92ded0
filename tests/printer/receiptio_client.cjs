// Drives receiptio, an ESC/POS client that is not ours, against one of our virtual printers.
// usage: node receiptio_client.cjs <port> <receiptio options…>; the receipt comes on standard input; prints its verdict.
const net = require('node:net');
const connect = net.connect;
// receiptio knows no other port than 9100; tests may not take a fixed one.
net.connect = (_port, host) => connect(Number(process.argv[2]), host);
const receiptio = require('receiptio');

let receipt = '';
process.stdin.on('data', chunk => { receipt += chunk; });
process.stdin.on('end', async () => {
  const result = await receiptio.print(receipt, `-d 127.0.0.1 ${process.argv.slice(3).join(' ')}`);
  process.stdout.write(`${result}\n`, () => process.exit(0));
});
