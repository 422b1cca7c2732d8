/** The artist that this example is about, and the two collections of their page. */
export const artist = { name: 'Mira Lindqvist', about: 'Cello, loops, and rooms that answer back.' } as const;
export const pictures = { type: 'artist', id: 'mira', collection: 'artist.images' } as const;
export const recordings = { type: 'artist', id: 'mira', collection: 'artist.media' } as const;
