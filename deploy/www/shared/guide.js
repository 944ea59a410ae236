// guide: the contents of a page of the guide.

import { foldOnNarrow } from "./fold.js";

foldOnNarrow(document.getElementById("contents"));
