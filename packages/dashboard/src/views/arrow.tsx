const TURNS = { left: 180, right: 0, down: 90 } as const;

/** An arrow drawn, not written: not every font has one. `name` where nothing beside it says the same. */
export function Arrow({ to, name }: { to: keyof typeof TURNS; name?: string }) {
  return (
    <>
      <svg class="arrow" viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
        <path d="M2.5 8h11M9 3.5 13.5 8 9 12.5" transform={`rotate(${TURNS[to]} 8 8)`} />
      </svg>
      {name !== undefined && <span class="hidden">{name}</span>}
    </>
  );
}
