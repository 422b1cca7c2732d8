const heicBrands = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);
const avifBrands = new Set(['avif', 'avis']);
const heifBrands = new Set(['mif1', 'mif2', 'msf1', 'miaf', 'heif', '1pic']);
const audioBrands = new Set(['M4A ', 'M4B ', 'M4P ', 'F4A ', 'F4B ']);
const videoBrands = /^(isom|iso[2-9a-z]|mp4[12v]|avc1|dash|cmf[cs2]|M4V[ HP]|MSNV|NDS[CHMPSX]|f4v |F4V |FACE|hvc1|hev1|mmp4|XAVC|dby1)$/;

/** Boxes at the start of QuickTime files from before `ftyp`. */
const oldQuickTime = new Set(['moov', 'mdat', 'wide', 'pnot', 'skip', 'free']);

/**
 * Identifies ISO base media files (MP4, QuickTime, HEIF, AVIF) by their brands: one major, any number of compatible ones. Cameras often write the
 * general `mif1` or `msf1` as major brand instead of the exact one, so the compatible brands decide between HEIC, AVIF and plain HEIF.
 */
export function sniffIsoMedia(bytes: Buffer): string | null {
  if (bytes.length < 12) return null;
  const box = bytes.toString('latin1', 4, 8);
  if (box !== 'ftyp') return oldQuickTime.has(box) && isBoxChain(bytes) ? 'video/quicktime' : null;

  const end = Math.min(bytes.length, Math.max(16, bytes.readUInt32BE(0)));
  const major = bytes.toString('latin1', 8, 12);
  const compatible: string[] = [];
  for (let at = 16; at + 4 <= end; at += 4) compatible.push(bytes.toString('latin1', at, at + 4));

  if (avifBrands.has(major)) return 'image/avif';
  if (heicBrands.has(major)) return 'image/heic';
  if (heifBrands.has(major)) {
    if (compatible.some((brand) => avifBrands.has(brand))) return 'image/avif';
    return compatible.some((brand) => heicBrands.has(brand)) ? 'image/heic' : 'image/heif';
  }
  if (major === 'qt  ') return 'video/quicktime';
  if (audioBrands.has(major)) return 'audio/mp4';
  if (/^3g[2epgrs]/.test(major)) return 'video/3gpp';
  if (videoBrands.test(major)) return 'video/mp4';
  if (major === 'crx ') return 'image/x-raw';
  if (major === 'jp2 ' || major === 'jpx ') return 'image/jp2';
  // An unknown major brand says nothing: the first known compatible brand decides.
  if (compatible.some((brand) => avifBrands.has(brand))) return 'image/avif';
  if (compatible.some((brand) => heicBrands.has(brand))) return 'image/heic';
  if (compatible.some((brand) => heifBrands.has(brand))) return 'image/heif';
  return compatible.some((brand) => videoBrands.test(brand)) ? 'video/mp4' : null;
}

/** A first box whose size leads to another box with a printable name; four letters alone would be too weak a sign. */
function isBoxChain(bytes: Buffer): boolean {
  const size = bytes.readUInt32BE(0);
  if (size < 8 && size !== 1) return false;
  return size + 8 > bytes.length || size === 1 || /^[\x20-\x7e\xa9]{4}$/.test(bytes.toString('latin1', size + 4, size + 8));
}
