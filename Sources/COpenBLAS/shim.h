#pragma once
// OpenBLAS has LAPACK inside, but Debian builds it without the C names of LAPACK; those are liblapacke, whose calls
// end in OpenBLAS because that library is linked first.
#include <cblas.h>
#include <lapacke.h>
