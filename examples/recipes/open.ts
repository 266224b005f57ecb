import { RaftClient } from "@balsa/client";
import { RaftNode, type MemberOptions } from "@balsa/node";
import { Recipes, RecipesMachine } from "@balsa/recipes";

/** In a member: the node, and what it offers. */
export async function openRecipes(options: MemberOptions) {
  const node = await RaftNode.open({ ...options, bytesStateMachine: new RecipesMachine() });
  return { node, recipes: Recipes.onNode(node) };
}

/** In a program that is no member. */
export function connectRecipes(servers: readonly string[]) {
  const client = RaftClient.connect({ servers });
  return { client, recipes: Recipes.onClient(client) };
}
