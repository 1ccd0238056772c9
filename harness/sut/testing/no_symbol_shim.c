/* A library, but no shim. */

int assay_shim_got(void);
int assay_shim_got(void) { return 1; }
