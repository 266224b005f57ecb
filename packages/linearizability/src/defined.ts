/** Anything but undefined. */
export type Defined = string | number | bigint | boolean | symbol | object | null;
