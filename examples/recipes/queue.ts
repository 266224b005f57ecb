import type { Recipes } from "@balsa/recipes";

interface Mail {
  readonly to: string;
}

/** Sends a mail's order once, however often it is called with one id. */
export function order(recipes: Recipes, id: string, mail: Mail): Promise<boolean> {
  return recipes.queue<Mail>("mails").send(mail, { id });
}

/** Works on orders until the signal is aborted; one whose `send` fails comes again, elsewhere perhaps. */
export function work(recipes: Recipes, send: (mail: Mail) => Promise<void>, signal: AbortSignal): Promise<void> {
  const queue = recipes.queue<Mail>("mails", { leaseMs: 5_000 });
  return queue.consume((delivery) => send(delivery.body), {
    signal,
    concurrency: 4,
    pollMs: 20,
    retryAfterMs: 50,
    onError: (error) => console.error("a mail was not sent, and is tried again", error),
  });
}
