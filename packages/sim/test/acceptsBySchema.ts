type JsonSchema = Readonly<Record<string, unknown>>;

/** Judges a document by the few keywords of JSON Schema that the published one uses. */
export function acceptsBySchema(schema: JsonSchema, value: unknown): boolean {
  if (schema["oneOf"] !== undefined) {
    return (schema["oneOf"] as JsonSchema[]).filter((option) => acceptsBySchema(option, value)).length === 1;
  }
  if (schema["enum"] !== undefined) return (schema["enum"] as unknown[]).includes(value);
  switch (schema["type"]) {
    case "boolean":
      return typeof value === "boolean";
    case "string":
      return (
        typeof value === "string" &&
        (schema["pattern"] === undefined || new RegExp(schema["pattern"] as string, "u").test(value))
      );
    case "integer":
    case "number":
      return (
        typeof value === "number" &&
        (schema["type"] === "number" || Number.isInteger(value)) &&
        value >= (schema["minimum"] as number) &&
        value <= (schema["maximum"] as number)
      );
    case "array":
      return (
        Array.isArray(value) &&
        value.length >= (schema["minItems"] as number) &&
        value.length <= (schema["maxItems"] as number) &&
        value.every((item) => acceptsBySchema(schema["items"] as JsonSchema, item))
      );
    case "object":
      return isObject(value) && acceptsObject(schema, value);
    default:
      throw new Error(`the schema has an unknown type: ${JSON.stringify(schema["type"])}`);
  }
}

function acceptsObject(schema: JsonSchema, value: Readonly<Record<string, unknown>>): boolean {
  const properties = schema["properties"] as Readonly<Record<string, JsonSchema>>;
  if (!(schema["required"] as string[]).every((name) => Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, item]) => {
    const property = properties[name];
    return property === undefined ? schema["additionalProperties"] !== false : acceptsBySchema(property, item);
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
