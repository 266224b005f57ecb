import type { ConfigurationChange } from "@balsa/core";
import type { ActionName } from "../state/action.js";
import type { World } from "../state/world.js";
import { describeMessage } from "./describeMessage.js";

/** One step of a trace, as it stands in a scenario. */
export type TraceAction =
  | { readonly do: "deliver" | "duplicate" | "drop"; readonly message: string }
  | {
      readonly do: "timeOut" | "heartbeat" | "lapse" | "sync" | "compact" | "propose";
      readonly node: string;
    }
  | { readonly do: "crash"; readonly node: string; readonly keptWrites: number }
  | { readonly do: "change"; readonly node: string; readonly change: ConfigurationChange };

export function traceAction(world: World, name: ActionName, subject: number, detail: number): TraceAction {
  switch (name) {
    case "deliver":
    case "duplicate":
    case "drop":
      return { do: name, message: describeMessage(world.messages.get(subject)) };
    case "crash":
      return { do: name, node: world.names[subject] as string, keptWrites: detail };
    case "change":
      return {
        do: name,
        node: world.names[subject] as string,
        change: world.transitions.changes[detail] as ConfigurationChange,
      };
    default:
      return { do: name, node: world.names[subject] as string };
  }
}

/** The action in words. */
export function describeAction(action: TraceAction): string {
  switch (action.do) {
    case "deliver":
      return `deliver ${action.message}`;
    case "duplicate":
      return `deliver, and keep on its way, ${action.message}`;
    case "drop":
      return `lose ${action.message}`;
    case "timeOut":
      return `${action.node} waits in vain for a leader`;
    case "heartbeat":
      return `${action.node} sends heartbeats`;
    case "lapse":
      return `${action.node}'s clock goes on by an election timeout`;
    case "sync":
      return `the oldest write of ${action.node} becomes durable`;
    case "compact":
      return `${action.node} takes a snapshot and compacts its log`;
    case "propose":
      return `a client proposes a command to ${action.node}`;
    case "crash":
      return `${action.node} crashes and starts again; of its unsynced writes ${action.keptWrites} are kept`;
    case "change":
      return `${action.node} is asked for a change: ${action.change.type} ${action.change.id}`;
  }
}
