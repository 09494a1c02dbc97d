"""How plans fare where wins, win rates, arrivals and absences turn out other than expected."""
