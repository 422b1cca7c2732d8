/*
 * What decode-av1.ts calls: a decoder of one sequence of AV1 frames. There is no input besides `give` and no output besides memory: the module
 * imports nothing.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <dav1d/dav1d.h>

#define EXPORTED(name) __attribute__((export_name(#name)))

/* The answers of `take`, and of the others where they fail. */
enum { isDamaged = -1, needsMemory = -2, none = 0, isThere = 1 };

typedef struct Decoder {
    Dav1dContext *context;
    Dav1dData given;
    Dav1dPicture shown;
    /* Width, height, layout, bits, three addresses, strides of luma and chroma, matrix, full range. */
    int32_t facts[11];
} Decoder;

static int answer(const int error) { return error == DAV1D_ERR(ENOMEM) ? needsMemory : isDamaged; }

EXPORTED(allocate) void *allocate(const uint32_t bytes) { return malloc(bytes); }
EXPORTED(release) void release(void *const at) { free(at); }

/* Null without memory. Frames of more pixels than this are damage. */
EXPORTED(open) Decoder *open_decoder(const uint32_t most_pixels) {
    Decoder *const decoder = calloc(1, sizeof(Decoder));
    if (decoder == NULL) return NULL;
    Dav1dSettings settings;
    dav1d_default_settings(&settings);
    settings.n_threads = 1;
    settings.max_frame_delay = 1;
    settings.all_layers = 0;
    settings.frame_size_limit = most_pixels;
    settings.logger.callback = NULL;
    if (dav1d_open(&decoder->context, &settings) == 0) return decoder;
    free(decoder);
    return NULL;
}

EXPORTED(close) void close_decoder(Decoder *const decoder) {
    dav1d_data_unref(&decoder->given);
    dav1d_picture_unref(&decoder->shown);
    dav1d_close(&decoder->context);
    free(decoder);
}

/* The bytes of one sample, which are copied; then take its pictures until there is none. */
EXPORTED(give) int give(Decoder *const decoder, const uint8_t *const bytes, const uint32_t length) {
    dav1d_data_unref(&decoder->given);
    uint8_t *const copy = dav1d_data_create(&decoder->given, length);
    if (copy == NULL) return needsMemory;
    memcpy(copy, bytes, length);
    return isThere;
}

/* The pixels of a picture stay until the next call. */
EXPORTED(take) int take(Decoder *const decoder) {
    Dav1dPicture *const shown = &decoder->shown;
    dav1d_picture_unref(shown);
    for (;;) {
        if (decoder->given.sz > 0) {
            const int sent = dav1d_send_data(decoder->context, &decoder->given);
            if (sent < 0 && sent != DAV1D_ERR(EAGAIN)) return answer(sent);
        }
        const int got = dav1d_get_picture(decoder->context, shown);
        if (got == 0) break;
        if (got != DAV1D_ERR(EAGAIN)) return answer(got);
        if (decoder->given.sz == 0) return none;
    }
    const int32_t facts[] = {
        shown->p.w, shown->p.h, shown->p.layout, shown->p.bpc,
        (int32_t) (intptr_t) shown->data[0], (int32_t) (intptr_t) shown->data[1], (int32_t) (intptr_t) shown->data[2],
        (int32_t) shown->stride[0], (int32_t) shown->stride[1],
        shown->seq_hdr->mtrx, shown->seq_hdr->color_range,
    };
    memcpy(decoder->facts, facts, sizeof facts);
    return isThere;
}

EXPORTED(factsOf) const int32_t *facts_of(const Decoder *const decoder) { return decoder->facts; }
