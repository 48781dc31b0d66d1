const LOOK_EVERY_MS = 500;

/**
 * Calls back once when the parent process is gone. A SIGKILL cannot be forwarded, so without this a killed `npm start`
 * would leave orphan processes running.
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
