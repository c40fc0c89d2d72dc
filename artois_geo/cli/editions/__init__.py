"""What leaves the agency: « carte », « fiche », « simi », and the example territory."""
