# Writes each example of docs/clients.md that is marked `<!-- run: NAME -->` to the folder `out`.
/^<!-- run: / { name = $3 }
/^```/ && open { close(out "/" name); open = 0; name = ""; next }
/^```/ && name { open = 1; next }
open { print > (out "/" name) }
