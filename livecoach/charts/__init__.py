"""What every chart needs: ticks at its axes, and intervals of the shares it draws."""
