/** A message of the queue of samples, as it was delivered; it may come again, and out of order. */
export interface DeliveredMessage {
  readonly id: string;
  /** When it was published, whole milliseconds since 1970. */
  readonly publishedMs: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

/**
 * Takes messages. Resolves once nothing of a message can get lost any more: its samples are durable in the store,
 * and what of it can never be stored is kept as a dead letter. Rejects otherwise; then the message must come again,
 * and taking it again changes nothing.
 */
export interface MessageIntake {
  take(message: DeliveredMessage): Promise<void>;
}
