/** The product of this shop, and the destinations of its files and pictures. */
export const product = { title: 'Bookbinding by hand', price: '€ 29', about: 'Six lessons, the templates to print, and every tool list.' } as const;
export const files = { collection: 'product.files', entityType: 'product', entityId: 'course' } as const;
export const pictures = { collection: 'product.pictures', entityType: 'product', entityId: 'course' } as const;
