/* Keeps a layer without sources yet a valid library. */
extern const int dirchain_empty_layer;
const int dirchain_empty_layer = 0;
