"""Several event loops for one list: processes, each with a flow of its own, fed from here and heard here."""
