"""An assistant that answers patients' questions about isotretinoin from reviewed, sourced texts."""
