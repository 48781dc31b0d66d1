const LOOK_EVERY_MS = 500;

/**
 * Calls back once when this process's parent is gone: kill -9 can't be passed on, and without this a killed
 * `npm start` would leave everything running that it started.
 *
 * @param {() => void} callback
 */
export function whenOrphaned(callback) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, LOOK_EVERY_MS);
  timer.unref();
}
