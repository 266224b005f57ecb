/**
 * One operation of a client, as the client saw it. One that is known not to have happened is left out of the history.
 *
 * | `output`  | `returnedAt` | what is known                                                              |
 * |-----------|--------------|----------------------------------------------------------------------------|
 * | given     | given        | it took effect once between `invokedAt` and `returnedAt`, with this answer |
 * | undefined | null         | it took effect once at any time after `invokedAt`, or never will           |
 * | undefined | given        | it took effect once between the two, or never will                         |
 *
 * Times are only compared, so counters do as well as clocks. Of two operations with `a.returnedAt < b.invokedAt`, `a`
 * came first; otherwise (equal times, too) they overlap and either may have.
 */
export interface Operation<Input, Output> {
  readonly clientId: string | number;
  readonly input: Input;
  readonly output: Output | undefined;
  readonly invokedAt: number;
  readonly returnedAt: number | null;
}
