/** The listing that this example is about. */
export const listing = { title: 'Road bike, 54 cm', price: '€ 480', place: { type: 'listing', id: '9f3', collection: 'listing.photos' } } as const;

/** The destination of its photos. */
export const destination = { collection: 'listing.photos', entityType: 'listing', entityId: '9f3' } as const;
