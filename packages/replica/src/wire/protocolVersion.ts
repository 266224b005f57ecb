/**
 * The oldest and the newest version of the protocol that this member speaks. The two sides of a connection agree on the newest
 * that both speak, so that members can be replaced by newer ones one after the other.
 *
 * 1: the first. 2: heartbeats tell whether a group rests; beacons and batches of heartbeats between hosts of many groups.
 */
export const MIN_PROTOCOL_VERSION = 1;
export const MAX_PROTOCOL_VERSION = 2;

/** Heartbeats tell whether a group rests, and hosts speak to each other, from this version on. */
export const HOSTING_VERSION = 2;
