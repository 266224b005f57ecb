import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/**
 * Who may import what. `balsa` names the packages of this repository, `others` those of the registry, and `node` says
 * whether `node:*` modules are allowed. A package is `pure` when what it does may depend on its inputs alone.
 *
 * @typedef {{ balsa: string[], others: string[], node: boolean, pure: boolean }} Layer
 * @type {Record<string, Layer>}
 */
const layers = {
  core: { balsa: [], others: [], node: false, pure: true },
  replica: { balsa: ["core"], others: [], node: false, pure: true },
  linearizability: { balsa: [], others: [], node: false, pure: true },
  sim: { balsa: ["core", "replica", "linearizability"], others: [], node: false, pure: true },
  explore: { balsa: ["core"], others: [], node: false, pure: true },
  client: { balsa: ["core", "replica"], others: [], node: true, pure: false },
  node: { balsa: ["core", "replica", "client", "client/connection"], others: [], node: true, pure: false },
  recipes: { balsa: ["replica"], others: ["croner"], node: false, pure: false },
  cli: {
    balsa: ["core", "replica", "linearizability", "sim", "explore", "client", "client/connection", "node"],
    others: ["commander", "pino", "prom-client"],
    node: true,
    pure: false,
  },
};

/**
 * @param {string} name
 * @param {Layer} layer
 * @returns {["error", { patterns: { regex: string, message: string }[] }]}
 */
function importRule(name, { balsa, others, node }) {
  const bare = [...balsa.map((other) => `@balsa/${other}$`), ...others.map((other) => `${other}$`)];
  const allowed = ["\\.{1,2}/", ...bare, ...(node ? ["node:"] : [])].join("|");
  const names = [...balsa.map((other) => `@balsa/${other}`), ...others, ...(node ? ["node:*"] : [])];
  const list = names.length === 0 ? "nothing outside itself" : `only ${names.join(", ")} outside itself`;
  return [
    "error",
    {
      patterns: [
        { regex: `^(?!${allowed})`, message: `packages/${name} may import ${list}.` },
        {
          regex: "^\\.{1,2}/(.*/)?(bench|dist|node_modules|packages|src|test)/",
          message: `This path leaves packages/${name}/src; import another package by its name, where that is allowed.`,
        },
      ],
    },
  ];
}

/**
 * @param {string} names
 * @param {string} message
 */
const each = (names, message) => names.split(" ").map((name) => ({ name, message }));

const impureGlobals = [
  ...each("Date performance", "Time comes in with the inputs."),
  ...each(
    "setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate",
    "Time comes in with the inputs; a timer is a deadline or the Clock's.",
  ),
  ...each("Promise queueMicrotask requestAnimationFrame", "A completion is a call: no promise decides an order."),
  ...each("crypto", "Randomness comes in as a function."),
  ...each("process require Buffer console fetch navigator", "Nothing here knows what it runs on."),
  ...each("globalThis global self window", "This is a way around the rules on globals."),
  ...each("WeakRef FinalizationRegistry", "What it does depends on the garbage collector."),
  ...each("SharedArrayBuffer Atomics", "What it does depends on other threads."),
  ...each("Intl", "What it does depends on the machine's locale and on the version of Node.js."),
];

const impureProperties = [
  { object: "Math", property: "random", message: "Randomness comes in as a function." },
  { object: "Array", property: "fromAsync", message: "A completion is a call: no promise decides an order." },
  ...each(
    "acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp expm1 hypot log log10 log1p log2 pow sin sinh tan tanh",
    "Its last digit depends on the engine (ECMA-262, Math: implementation-approximated), so digests would too.",
  ).map(({ name, message }) => ({ object: "Math", property: name, message })),
  ...each(
    "localeCompare toLocaleString toLocaleLowerCase toLocaleUpperCase toLocaleDateString toLocaleTimeString",
    "What it does depends on the machine's locale.",
  ).map(({ name, message }) => ({ property: name, message })),
];

const impureSyntax = [
  { selector: "ForInStatement", message: "for…in has no order to rely on; use Object.keys, a Map or an array." },
  ...[":function[async=true]", "AwaitExpression", "ForOfStatement[await=true]"].map((selector) => ({
    selector,
    message: "A completion is a call: no promise decides an order.",
  })),
  { selector: "ImportExpression", message: "Modules are loaded by import declarations, where the layers are checked." },
  { selector: "MetaProperty[meta.name='import']", message: "Nothing here knows what it runs on." },
];

const impureTypes = Object.fromEntries(
  ["Promise", "PromiseLike", "Date", "WeakRef", "AsyncIterable", "AsyncIterator", "AsyncGenerator"].map((name) => [
    name,
    { message: "Neither the clock, nor promises, nor the garbage collector are known here." },
  ]),
);

export default defineConfig(
  globalIgnores(["**/dist/", "coverage/", "docs/api/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: "error",
      "no-eval": "error",
      "no-new-func": "error",
      "no-self-compare": "error",
      "no-template-curly-in-string": "error",
      "no-unmodified-loop-condition": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-floating-promises": "error",
      // An observer may tell of some events and pass over the rest, if it says so by a default.
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // The default order is that of strings: 10 comes before 9.
      "@typescript-eslint/require-array-sort-compare": ["error", { ignoreStringArrays: true }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // `NonNullable<unknown>` is how to name the type of anything there is.
      "@typescript-eslint/no-generated-empty-object-type": "off",
      // Indexed access is checked (noUncheckedIndexedAccess), so `!` is how a loop says that its index is in bounds.
      "@typescript-eslint/no-non-null-assertion": "off",
      // It takes a field for unchanged after a method call that may have changed it, and input for as good as its type.
      "@typescript-eslint/no-unnecessary-condition": "off",
    },
  },
  {
    files: ["packages/*/src/**"],
    rules: {
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", { max: 70, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // Here each kind of message, event and role is decided on by itself: one that is new may fall into no default.
    files: ["packages/core/src/**"],
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: false }],
    },
  },
  ...Object.entries(layers).map(([name, layer]) => ({
    files: [`packages/${name}/src/**`],
    rules: { "@typescript-eslint/no-restricted-imports": importRule(name, layer) },
  })),
  {
    files: Object.entries(layers)
      .filter(([, layer]) => layer.pure)
      .map(([name]) => `packages/${name}/src/**`),
    rules: {
      "no-restricted-globals": ["error", ...impureGlobals],
      "no-restricted-properties": ["error", ...impureProperties],
      "no-restricted-syntax": ["error", ...impureSyntax],
      "@typescript-eslint/no-restricted-types": ["error", { types: impureTypes }],
    },
  },
  {
    files: ["packages/*/test/**", "test/**"],
    rules: {
      // `expect(world.step)` names a method without calling it.
      "@typescript-eslint/unbound-method": "off",
    },
  },
  {
    // It imports what the build makes, so its types are not known before that.
    files: ["packages/*/bin/**"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: "readonly", console: "readonly" } },
  },
  {
    // These are type-checked, and TypeScript knows which globals there are. The linter does not see casts in comments.
    files: ["bench/**/*.js", "scripts/**", "*.config.js"],
    rules: {
      "no-undef": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
    },
  },
);
