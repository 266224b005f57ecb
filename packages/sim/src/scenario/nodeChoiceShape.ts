import type { Shape } from "./shape.js";

/** A `NodeChoice` in a document. */
export const NODE_CHOICE_SHAPE: Shape = {
  is: "text",
  pattern: "^(leader|voter:[0-9]{1,9}|follower:[0-9]{1,9}|n[1-9][0-9]{0,8})$",
  expected: "a node: n1, n2, …, leader, voter:K or follower:K",
};
