/** Looks only: importing them says nothing to a compiler. */
export type Looks = never;
