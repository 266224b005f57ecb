#!/usr/bin/env node
import { main } from "../dist/index.js";

// Everything was written and taken over when `main` ends. A pipe that nobody writes to could still keep us waiting.
process.exit(await main());
