// Writes for as long as it is read.
const chunk = 'x'.repeat(65_536);
const write = () => {
  while (process.stdout.write(chunk));
  process.stdout.once('drain', write);
};
write();
