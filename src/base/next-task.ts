/**
 * @file Letting a worker's other tasks run: messages that have come meanwhile.
 *
 * A message to oneself, since nested timers wait 4 ms each (https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html)
 * and a hidden tab's animation frames do not come at all.
 */

/** Resolves in a task of its own, after those that wait already. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
