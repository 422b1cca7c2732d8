/** Stands in for a decoder of a picture that announces little and then takes a gigabyte, which none of our files does. */
const hoard: Buffer[] = [];

process.on('disconnect', () => process.exit(0));
process.on('message', (message: { type: string }) => {
  if (message.type === 'start') process.send?.({ type: 'header', header: {}, expectedBytes: 1 << 20 });
  if (message.type === 'admit') setInterval(() => hoard.push(Buffer.alloc(32 << 20, 1)), 5);
});
process.send?.({ type: 'ready', capabilities: { types: [], missing: [] } });
