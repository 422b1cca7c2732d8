const extensions: Record<string, string> = { 'image/jpeg': 'jpg', 'video/quicktime': 'mov', 'video/x-matroska': 'mkv', 'image/svg+xml': 'svg' };

export const mediaTypeExtension = (mimeType: string): string => extensions[mimeType] ?? mimeType.split('/')[1]?.replace(/\W/g, '') ?? 'bin';
