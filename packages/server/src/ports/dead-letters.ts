import { UNREADABLE_REASONS } from '../model/metric-message.js';

/**
 * Why a message, or items of it, can never be stored. A closed list: `items_rejected` has the codes of the items
 * in its text, `refused_by_store` the store's own words.
 */
export const DEAD_LETTER_REASONS = [...UNREADABLE_REASONS, 'items_rejected', 'refused_by_store'] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

export interface DeadLetter {
  /** What was sent, byte for byte; of a message that was good in part, its bad items as a JSON array. */
  readonly data: Uint8Array;
  /** As they came with the message. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly reason: DeadLetterReason;
  /** What is wrong and what would be right, for people. */
  readonly error: string;
  readonly originalMessageId: string;
  /** RFC 3339. */
  readonly originalPublishTime: string;
}

/**
 * Keeps what can never be stored where people can look at it and send it again. Resolves once it is kept; rejects
 * with an AppError that is worth a retry otherwise, and then the message must not be acknowledged.
 */
export interface DeadLetters {
  keep(letter: DeadLetter): Promise<void>;
}
