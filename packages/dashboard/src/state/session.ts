import { computed, signal } from '@preact/signals';
import type { SessionBody } from '@seismo/server/serve/schemas';
import { ApiError, fetchSession } from '../api/client.js';

/** Null until the server said whether it wants a key. */
export const session = signal<SessionBody | null>(null);
export const sessionError = signal<ApiError | null>(null);

/** True once data may be asked for. */
export const isAdmitted = computed(
  () => session.value !== null && (!session.value.key_required || session.value.signed_in),
);

export async function refreshSession(): Promise<void> {
  try {
    session.value = await fetchSession();
    sessionError.value = null;
  } catch (error) {
    sessionError.value = error instanceof ApiError ? error : new ApiError(0, String(error));
  }
}
