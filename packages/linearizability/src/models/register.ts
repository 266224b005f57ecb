import type { Model } from "../model.js";
import type { CasRegisterInput, CasRegisterOutput, RegisterValue } from "./casRegister.js";
import { casRegister } from "./casRegister.js";

export type RegisterInput = Exclude<CasRegisterInput, { type: "cas" }>;
export type RegisterOutput = Exclude<CasRegisterOutput, { type: "cas" }>;

/** One value, unset at first, with read and write. */
export const register: Model<RegisterValue, RegisterInput, RegisterOutput> = casRegister;
