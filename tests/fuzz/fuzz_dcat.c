/* Feeds of catalogs on anything: both readers end with an error or with datasets, and every dataset
 * becomes a draft or faults. The first byte chooses the format. */
#include "fuzz.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "exchange/dcat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(doc_free) struct doc *feed = NULL;
    struct dcat_place place;
    long line = 0;
    if (size == 0)
        return 0;
    struct view text = view_of(data + 1, size - 1);
    int error =
        data[0] & 1 ? dcat_ap_read(&feed, &line, text) : dcat_us_read(&feed, &place, text);
    ENSURE((feed != NULL) == (error == OK));
    for (size_t i = 0; i < doc_count(feed); i++) {
        const struct doc *dataset = doc_get(doc_at(feed, i), "dataset");
        if (dataset == NULL) {
            ENSURE(error_from_code(doc_get_text(doc_at(feed, i), "error")) != 0);
            continue;
        }
        AUTO(dcat_draft_free) struct dcat_draft draft;
        dcat_draft(&draft, dataset, NULL);
        ENSURE(draft.body != NULL);
    }
    return 0;
}
