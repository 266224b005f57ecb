import { toJsonSchema } from "./jsonSchema.js";
import { SCENARIO_SHAPE } from "./scenarioShape.js";

/** The JSON Schema of scenarios, as published in `schema/scenario.schema.json`. */
export function scenarioJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A scenario of the Balsa simulator",
    description: "A run of the simulator is a pure function of this document. Times are milliseconds of virtual time.",
    ...toJsonSchema(SCENARIO_SHAPE),
  };
}
