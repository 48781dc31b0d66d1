const two = (value: number): string => String(value).padStart(2, '0');

/** A line on stderr as Go's log package writes it: local time, no time zone. */
export function log(text: string): void {
  const now = new Date();
  const day = `${now.getFullYear()}/${two(now.getMonth() + 1)}/${two(now.getDate())}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(':');
  process.stderr.write(`${day} ${time} ${text}${text.endsWith('\n') ? '' : '\n'}`);
}
